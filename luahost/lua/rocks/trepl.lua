-- trepl: the prompt of `th`, which there is already.
return setmetatable({}, {__call = function() end})
