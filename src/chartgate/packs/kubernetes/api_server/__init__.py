"""What an object is: the form that the API server accepts, its names, labels and namespace."""
