-- The globals of a thread: what it changes and loads is its own, over what the program has.
local H = ...
local rawset, rawget, rawpairs = H.rawset, H.rawget, H.rawpairs
local NIL = {}

function H.new_state() return {globals = {}, loaded = {}} end

-- What the library loads is one for all
local function is_library(key, value)
   if package.preload[key] then return true end
   for name, loaded in rawpairs(package.loaded) do
      if rawequal(loaded, value) then return package.preload[name] ~= nil end
   end
end

local function enter(t, own)
   local before = {}
   for key, value in rawpairs(t) do before[key] = value end
   for key, value in rawpairs(own) do
      if rawequal(value, NIL) then value = nil end
      rawset(t, key, value)
   end
   return before
end

local function leave(t, before)
   local own = {}
   for key, value in rawpairs(t) do
      local known = before[key]
      if not rawequal(value, known) and not (known == nil and is_library(key, value)) then own[key] = value end
   end
   for key in rawpairs(before) do
      if rawget(t, key) == nil then own[key] = NIL end
   end
   for key in rawpairs(own) do rawset(t, key, before[key]) end
   return own
end

-- What gives the program its globals back
function H.enter_state(state)
   local globals, loaded = enter(_G, state.globals), enter(package.loaded, state.loaded)
   return function()
      state.globals, state.loaded = leave(_G, globals), leave(package.loaded, loaded)
   end
end
