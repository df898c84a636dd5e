"""How dates and figures are written in the bank's two languages; Django has neither Kenyan English nor Kiswahili."""
