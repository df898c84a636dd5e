"""What a person sees: the phone, the mail catcher, and the control page."""
