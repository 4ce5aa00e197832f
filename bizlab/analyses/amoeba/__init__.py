"""Pages of amoeba accounting, leaders' packs, and the workbook that finance keeps."""
