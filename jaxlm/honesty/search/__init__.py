"""Search as a tool: an index of the crawled documents, web-search APIs, and guarded fetching of pages."""
