-- Python functions as Lua functions: what Lua's library takes (gsub, sort, coroutine.wrap) must be a true function.
local H = ...
local as_function = python.as_function
local behind = setmetatable({}, {__mode = 'k'})

function H.wrap(f)
   local call = as_function(f)
   local function wrapped(...)
      return call(...)
   end
   behind[wrapped] = f
   return wrapped
end

-- The function without its wrapper, for methods that are called often
function H.direct(wrapped)
   return as_function(behind[wrapped])
end

function H.unwrap(wrapped)
   return behind[wrapped]
end

function H.length(t)
   return #t
end

H.rawget = rawget
H.getmetatable = getmetatable
H.rawset = rawset
H.rawtype = type
H.rawpairs = pairs
