-- Python's lock. lupa lets go of it while Lua runs, and takes it for each call of Python and releases it again: a program
-- that holds it spares its calls that. Other threads of Python run when it calls Python.
local H = ...
local ffi = require 'ffi'

local function at(address, ctype)
   return ffi.cast(ctype, ffi.cast('intptr_t', address))
end
local take, release = at(H.lock[1], 'int (*)(void)'), at(H.lock[2], 'void (*)(int)')

local function leave(state, ...)
   release(state)
   return ...
end

-- What `f` gives, which raises no error
function H.holding(f, ...)
   return leave(take(), f(...))
end
