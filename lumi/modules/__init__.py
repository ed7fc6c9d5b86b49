"""What all products share: one package a business noun, entered through its public.py."""
