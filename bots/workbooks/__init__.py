"""Documents in and out: mail, exports and statements are read here, workbooks, letters and vouchers are written here."""
