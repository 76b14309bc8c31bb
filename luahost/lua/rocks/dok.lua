-- dok: arguments by name or position, and errors; what packages of Torch used of the help system.
local xlua = require 'xlua'
local dok = {unpack = xlua.unpack, error = xlua.error}

function dok.usage(name, description)
   return tostring(name) .. '\n' .. tostring(description)
end

return setmetatable(dok, {__call = function() end})
