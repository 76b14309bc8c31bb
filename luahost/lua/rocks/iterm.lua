-- iterm: pictures in a terminal, which are not shown here; graphs go to the file that is named.
local iterm = {image = function() end}

function iterm.dot(graph_of, name)
   require 'nngraph'
   if name then graph.dot(graph_of, 'graph', (name:gsub('%.%w+$', ''))) end
end

return iterm
