-- Penlight's class: class(Parent) or class.Name(Parent), with _init, super, is_a.
local function make(parent)
   local c = {}
   if parent then
      for key, value in pairs(parent) do
         if type(key) == 'string' and key ~= '_name' then c[key] = value end
      end
   end
   c._base = parent
   c.__index = c
   c._class = c
   function c.is_a(object, class)
      local m = getmetatable(object)
      while m do
         if m == class then return true end
         m = rawget(m, '_base')
      end
      return false
   end
   function c.class_of(class, object) return type(object) == 'table' and c.is_a(object, class) end
   return setmetatable(c, {
      __call = function(_, ...)
         local object = setmetatable({}, c)
         local init = rawget(c, '_init')
         if init then
            if parent and parent._init then
               object.super = function(self, ...)
                  self.super = nil
                  return parent._init(self, ...)
               end
            end
            local made = init(object, ...)
            object.super = nil
            if made then return made end
         end
         return object
      end,
   })
end

return setmetatable({}, {
   __call = function(_, parent) return make(parent) end,
   __index = function(_, name)
      return function(parent)
         local c = make(parent)
         c._name = name
         rawset(_G, name, c)
         return c
      end
   end,
})
