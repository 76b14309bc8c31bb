-- command line options and a table of hyperparameters
require 'torch'
local cmd = torch.CmdLine()
cmd:text('options')
cmd:option('-lr', 0.1, 'rate')
cmd:option('-name', 'run', 'name')
cmd:option('-cuda', false, 'use cuda')
cmd:option('-layers', '{10,20}', 'sizes')
cmd:text()
local opt = cmd:parse(arg or {})
print(opt.lr, opt.name, opt.cuda, opt.layers)
local sizes = loadstring('return ' .. opt.layers)()
print(#sizes, sizes[1] + sizes[2])
local defaults = {lr = 1, momentum = 0.9, nested = {a = 1, b = {2, 3}}}
local function merge(base, extra)
  local out = {}
  for k, v in pairs(base) do
    if type(v) == 'table' then out[k] = merge(v, {}) else out[k] = v end
  end
  for k, v in pairs(extra) do out[k] = v end
  return out
end
local cfg = merge(defaults, {lr = opt.lr, extra = 'yes'})
print(cfg.lr, cfg.momentum, cfg.nested.b[2], cfg.extra, defaults.lr)
local function serialize(o, indent)
  indent = indent or ''
  local t = type(o)
  if t == 'table' then
    local keys = {}
    for k in pairs(o) do table.insert(keys, k) end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    local s = '{\n'
    for _, k in ipairs(keys) do s = s .. indent .. '  ' .. tostring(k) .. ' = ' .. serialize(o[k], indent .. '  ') .. '\n' end
    return s .. indent .. '}'
  elseif t == 'string' then
    return string.format('%q', o)
  end
  return tostring(o)
end
print(serialize(cfg))
local function switch(x, cases)
  local f = cases[x] or cases.default
  if f then return f(x) end
end
for _, v in ipairs{'a', 'b', 3} do
  print(switch(v, {a = function() return 'A' end, [3] = function(n) return n * 2 end, default = function(x) return 'other ' .. x end}))
end
local schedule = {{1, 5, 1e-2}, {6, 10, 5e-3}, {11, 1e8, 1e-3}}
local function rate(epoch)
  for _, row in ipairs(schedule) do
    if epoch >= row[1] and epoch <= row[2] then return row[3] end
  end
end
print(rate(1), rate(7), rate(100), rate(0))
opt.lr = opt.lr * 0.5
opt['new key'] = 1
opt.fn = function(self, x) return self.lr * x end
print(opt.lr, opt:fn(4), opt['new key'])
local ok = true
ok = ok and opt.cuda == false
local device = opt.cuda and 'gpu' or 'cpu'
local count = #opt.name > 2 and 0 or 1
print(ok, device, count)
require 'pl'
local o = lapp[[
  -r,--rate (default 0.5) learning rate
  --full use all
]]
print(o.rate, o.full)
local op = xlua.OptionParser('options.lua')
op:option{'-d', '--dataset', action = 'store', dest = 'dataset', help = 'data', default = 'a'}
local parsed = op:parse()
print(parsed.dataset, path.join('a', 'b'))
