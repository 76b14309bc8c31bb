-- Penlight: its parts as globals.
for _, name in ipairs{'utils', 'path', 'stringx', 'tablex', 'dir', 'file', 'List', 'pretty', 'class'} do
   rawset(_G, name, require('pl.' .. name))
end
return require('pl.import_into')()
