"""How credit models are made: invented or real customers, a card and its challenger, figures and the model's card."""
