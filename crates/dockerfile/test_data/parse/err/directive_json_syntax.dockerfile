{"syntax": "a/b c", "x": [1, {}]}
