-- The prompt: complete inputs, their values, the names that continue a word.
local H = ...

local function compiled(text)
   local f, problem = loadstring('return ' .. text:gsub('^%s*=', ''), '=stdin')
   if not f then f, problem = loadstring(text, '=stdin') end
   return f, problem
end

-- Whether an input ends here: also where it is wrong
function H.is_complete(text)
   local f, problem = compiled(text)
   return f ~= nil or not problem:find("near '<eof>'", 1, true)
end

-- Whether a value is a package, whose names are found when they are asked for
local function is_loaded(value)
   for _, loaded in H.rawpairs(package.loaded) do
      if rawequal(loaded, value) and H.rawtype(value) == 'table' then return true end
   end
end

-- Run one input of the prompt and print its values; 'error' and the text where it fails
function H.evaluate(text)
   local f, problem = compiled(text)
   if not f then return 'error', problem end
   local results = {pcall(f)}
   if not results[1] then return 'error', tostring(results[2]) end
   for i = 2, table.maxn(results) do
      if not is_loaded(results[i]) then print(H.show(results[i])) end
   end
   return 'done'
end

function H.is_package(holder, name)
   return rawequal(holder, rawget(_G, name))
end

-- The names that continue `text`, the last word of a line
function H.completions(text)
   local path, start = text:match('^(.*)[.:]([%w_]*)$')
   local holder = _G
   if path then
      local f = loadstring('return ' .. path)
      local ok, value = pcall(f or error)
      if not ok then return {} end
      holder = value
   else
      path, start = nil, text
   end
   local found = {}
   for _, name in ipairs(H.names_in(holder)) do
      if name:sub(1, #start) == start then found[#found + 1] = path and text:sub(1, #text - #start) .. name or name end
   end
   table.sort(found)
   return found
end

function H.names_in(holder)
   local names = {}
   if H.rawtype(holder) == 'table' then
      for key in pairs(holder) do if type(key) == 'string' then names[#names + 1] = key end end
   end
   for _, name in ipairs(H.python_names(holder)) do names[#names + 1] = name end
   return names
end
