"""What generate.sh makes. Nothing here is edited by hand."""
