"""What is known of library calls: data with a version, and the look-up in them."""
