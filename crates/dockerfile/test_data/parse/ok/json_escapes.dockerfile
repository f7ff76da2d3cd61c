FROM alpine
CMD ["\u00e9\n\"\\\/", "\ud83d\ude00", "\ud800x", "é"]
