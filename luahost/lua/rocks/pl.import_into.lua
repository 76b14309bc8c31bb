-- Penlight's import_into: a table that loads its parts when they are asked for.
return function(target)
   return setmetatable(target or {}, {__index = function(t, name)
      local part = require('pl.' .. name)
      rawset(t, name, part)
      return part
   end})
end
