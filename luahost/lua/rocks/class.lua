-- class: classes of tables, by name. class('B', 'A') gives the class and its metatable's parent.
local classes = {}
local class = {}

function class.new(name, parent)
   if type(name) ~= 'string' then error('class: a name is needed', 2) end
   if classes[name] then error('class ' .. name .. ' has been already assigned a type', 2) end
   local above = parent and (type(parent) == 'string' and classes[parent] or parent)
   if parent and not above then error('parent class ' .. tostring(parent) .. ' does not exist', 2) end
   local made = {__typename = name, __version = 1}
   made.__index = made
   classes[name] = made
   function made.new(...)
      local object = setmetatable({}, made)
      if made.__init then made.__init(object, ...) end
      return object
   end
   setmetatable(made, {__index = above, __call = function(_, ...) return made.new(...) end})
   if above then
      for _, event in ipairs{'__tostring', '__add', '__sub', '__mul', '__div', '__unm', '__concat', '__eq', '__lt', '__le',
                             '__call', '__len', '__newindex', '__pow', '__mod'} do
         made[event] = rawget(above, event)
      end
   end
   return made, above
end

function class.metatable(name) return classes[name] end

-- An object whose __init has not run
function class.factory(name)
   if not classes[name] then error('unknown class <' .. tostring(name) .. '>', 2) end
   return setmetatable({}, classes[name])
end

-- A table that stands for a class and, when it is called, makes objects by one of its functions
function class.constructor(metatable, make)
   make = type(make) == 'function' and make or metatable[make or 'new']
   if not make then error('the constructor does not exist in the class', 2) end
   return setmetatable({}, {
      __index = metatable, __newindex = metatable, __metatable = metatable, __call = function(_, ...) return make(...) end,
   })
end

function class.type(x)
   local m = type(x) == 'table' and getmetatable(x)
   return m and rawget(m, '__typename') or type(x)
end

function class.istype(x, name)
   local m = type(x) == 'table' and getmetatable(x)
   while type(m) == 'table' do
      if rawget(m, '__typename') == name then return true end
      local above = getmetatable(m)
      m = above and above.__index
   end
   return type(x) == name
end

return setmetatable(class, {__call = function(_, ...) return class.new(...) end})
