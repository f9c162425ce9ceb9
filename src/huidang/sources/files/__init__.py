"""What all file formats share: containers, encodings, cutters, moments; and the formats that belong to no platform."""
