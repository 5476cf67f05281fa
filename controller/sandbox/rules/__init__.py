"""What holds for branches and pulls: who owns, who decides, what is protected."""
