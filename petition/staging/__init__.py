"""What a delivery is made from: the order, and one snapshot's rows in a file, which is read again for every part."""
