-- Penlight's data: columns of numbers and words out of text files.
local utils = require 'pl.utils'
local data = {}
local Data = {}
Data.__index = Data

local function delimiter_of(line)
   return line:find('\t') and '\t' or line:find(',') and ',' or line:find(';') and ';' or '%s+'
end

local function fields_of(line, delimiter)
   local fields = utils.split(line, delimiter, delimiter ~= '%s+')
   for i, field in ipairs(fields) do fields[i] = field:match('^%s*(.-)%s*$') end
   return fields
end

-- The rows of a file or its name; the first line names the columns, unless config.fieldnames does
function data.read(file, config)
   config = config or {}
   local lines = {}
   for line in (type(file) == 'string' and io.lines(file) or file:lines()) do
      if line:find('%S') and not line:find('^#') then lines[#lines + 1] = line end
   end
   local delimiter = config.delim or delimiter_of(lines[1])
   local names = config.fieldnames
   if not names then names = fields_of(table.remove(lines, 1), delimiter) end
   if type(names) == 'string' then names = fields_of(names, delimiter_of(names)) end
   local rows = setmetatable({fieldnames = names, delim = delimiter}, Data)
   for i, line in ipairs(lines) do
      rows[i] = fields_of(line, delimiter)
      for j, field in ipairs(rows[i]) do rows[i][j] = config.no_convert and field or tonumber(field) or field end
   end
   return rows
end

function Data:column_by_name(name)
   for j, known in ipairs(self.fieldnames) do
      if known == name then
         local column = require('pl.List')()
         for _, row in ipairs(self) do column:append(row[j]) end
         return column
      end
   end
   error('no column ' .. tostring(name), 2)
end

return data
