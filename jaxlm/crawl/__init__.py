"""From web pages to documents: reading, extraction, filters, deduplication, and the funnel that counts them."""
