"""Two small conversations, one in English and one in Chinese, and what ``polymem demo`` asks of them."""
