-- cudnn: the package that convert goes to, by its table; the rest is Python's.
local cudnn = ...
local convert = cudnn.convert

function cudnn.convert(net, target, excluded)
   return convert(net, rawequal(target, cudnn) and 'cudnn' or 'nn', excluded)
end

return cudnn
