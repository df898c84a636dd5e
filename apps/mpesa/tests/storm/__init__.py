"""The storm: many payments of every kind while providers misbehave and the bank's processes are killed."""
