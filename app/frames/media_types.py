"""The media types of Arrow and Parquet, as the Internet Assigned Numbers Authority has them."""

ARROW = "application/vnd.apache.arrow.stream"
ARROW_FILE = "application/vnd.apache.arrow.file"
PARQUET = "application/vnd.apache.parquet"
