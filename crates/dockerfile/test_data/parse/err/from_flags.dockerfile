FROM --platfrm=x alpine
FROM --platform alpine
FROM --platform=a --platform=b alpine
