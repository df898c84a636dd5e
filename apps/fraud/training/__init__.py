"""Making the model beside the rules. Only training needs the libraries of statistics; asking a model needs none."""
