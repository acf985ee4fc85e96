"""Google Sheets: the requests that are made, the values of cells, and what an error of Google's means."""
