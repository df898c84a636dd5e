"""A first version of a bank's transfer: `startproject`, Django REST framework and simplejwt as they come."""
