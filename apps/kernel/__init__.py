"""What every floor shares and no banker would name: money, states, events, errors."""
