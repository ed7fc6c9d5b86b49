"""The rules of the house about code and schema; each check is a pure function, shown to fail on a broken copy."""
