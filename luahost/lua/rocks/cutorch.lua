-- cutorch: without a GPU the machine's memory is the one device that CUDA's tensors live in; the rest is Python's.
local cutorch = ...
if cutorch.getDeviceCount() > 0 then return cutorch end

function cutorch.getDeviceCount() return 1 end
function cutorch.getDevice() return 1 end
function cutorch.setDevice(n) end
function cutorch.withDevice(n, f) return f() end
function cutorch.getDeviceProperties(n) return {name = 'memory', totalGlobalMem = 2 ^ 34, major = 0, minor = 0} end
function cutorch.getMemoryUsage(n) return 2 ^ 33, 2 ^ 34 end

return cutorch
