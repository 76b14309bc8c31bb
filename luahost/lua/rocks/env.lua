-- env: how th printed, which is how the host prints.
return {}
