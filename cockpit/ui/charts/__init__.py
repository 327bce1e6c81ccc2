"""Charts on pyqtgraph: geometry in plain arrays, thin items that paint what is in view."""
