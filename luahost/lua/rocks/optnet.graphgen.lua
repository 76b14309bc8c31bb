-- optnet.graphgen: the graph of a network for graph.dot, its containers taken apart.
require 'nngraph'
local apart = {}

local function nodes_of(module, input)
   local f = apart[torch.type(module)]
   if f then return f(module, input) end
   return module(input)
end

apart['nn.Sequential'] = function(module, input)
   for _, part in ipairs(module.modules) do input = nodes_of(part, input) end
   return input
end
apart['nn.ConcatTable'] = function(module, input)
   local outputs = {}
   for i, part in ipairs(module.modules) do outputs[i] = nodes_of(part, input) end
   return outputs
end
apart['nn.ParallelTable'] = function(module, inputs)
   if torch.type(inputs) ~= 'table' then return module(inputs) end
   local outputs = {}
   for i, part in ipairs(module.modules) do outputs[i] = nodes_of(part, inputs[i]) end
   return outputs
end

return function(net, input)
   local first = nn.Identity()()
   local last = nodes_of(net, first)
   return nn.gModule({first}, torch.type(last) == 'table' and last or {last}).fg
end
