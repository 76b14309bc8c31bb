-- cutorch: without a GPU the machine's memory is the one device that CUDA's tensors live in, and its random numbers are
-- the CPU's; the rest is Python's.
local cutorch = ...

local function nothing() end

-- Streams, handles and peers: there is one of each
for _, name in ipairs{'streamWaitFor', 'streamWaitForMultiDevice', 'streamBarrier', 'streamBarrierMultiDevice',
                      'setBlasHandle', 'deviceReset'} do
   cutorch[name] = cutorch[name] or nothing
end
function cutorch.getStream() return 0 end
function cutorch.getNumBlasHandles() return 1 end
function cutorch.getBlasHandle() return 1 end
function cutorch.getPeerToPeerAccess() return true end
function cutorch.getKernelPeerToPeerAccess() return true end
function cutorch.isCachingAllocatorEnabled() return true end
function cutorch.getState() return cutorch end

if cutorch.getDeviceCount() > 0 then return cutorch end

function cutorch.getDeviceCount() return 1 end
function cutorch.getDevice() return 1 end
cutorch.setDevice = nothing
function cutorch.withDevice(n, f) return f() end
function cutorch.getDeviceProperties(n) return {name = 'memory', totalGlobalMem = 2 ^ 34, major = 3, minor = 5} end
function cutorch.getMemoryUsage(n) return 2 ^ 33, 2 ^ 34 end
function cutorch.getDriverVersion() return 8000 end
function cutorch.getRuntimeVersion() return 8000 end
for _, name in ipairs{'getRNGState', 'seed', 'initialSeed'} do
   cutorch[name] = function() return torch[name]() end
end
function cutorch.setRNGState(state) torch.setRNGState(state) end
function cutorch.seedAll() torch.seed() end

return cutorch
