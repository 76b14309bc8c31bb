-- metatables: vectors, default values, proxies, callable objects
local V = {}
V.__index = V
local function vec(x, y) return setmetatable({x = x, y = y}, V) end
V.__add = function(a, b) return vec(a.x + b.x, a.y + b.y) end
V.__sub = function(a, b) return vec(a.x - b.x, a.y - b.y) end
V.__mul = function(a, b)
  if type(a) == 'number' then return vec(a * b.x, a * b.y) end
  if type(b) == 'number' then return vec(a.x * b, a.y * b) end
  return a.x * b.x + a.y * b.y
end
V.__unm = function(a) return vec(-a.x, -a.y) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__tostring = function(a) return '(' .. a.x .. ', ' .. a.y .. ')' end
V.__call = function(self, k) return self[k] end
V.__div = function(a, k) return vec(a.x / k, a.y / k) end
V.__mod = function(a, k) return vec(a.x % k, a.y % k) end
V.__pow = function(a, k) return vec(a.x ^ k, a.y ^ k) end
function V:len() return math.sqrt(self * self) end
local a, b = vec(1, 2), vec(3, 4)
print(tostring(a + b), tostring(a - b), a * b, tostring(2 * a), tostring(a * 3), tostring(-a))
print(a == vec(1, 2), a ~= b, b:len(), b 'x', tostring(b / 2), tostring(b % 2), tostring(b ^ 2))
local defaults = setmetatable({}, {__index = function(t, k) return k .. '!' end})
print(defaults.foo, defaults[1])
defaults.foo = 'set'
print(defaults.foo, rawget(defaults, 'bar'))
local log = {}
local proxy = setmetatable({}, {
  __index = function(_, k) log[#log + 1] = 'get ' .. k return 7 end,
  __newindex = function(t, k, v) log[#log + 1] = 'set ' .. k rawset(t, k, v) end,
})
local _ = proxy.a
proxy.a = 5
_ = proxy.a
proxy.b = proxy.c
print(table.concat(log, ';'), proxy.a, proxy.b)
local Account = {balance = 0}
function Account:new(o)
  o = o or {}
  setmetatable(o, self)
  self.__index = self
  return o
end
function Account:deposit(v) self.balance = self.balance + v end
function Account:withdraw(v)
  if v > self.balance then error('insufficient funds') end
  self.balance = self.balance - v
end
local Special = Account:new()
function Special:withdraw(v)
  if v - self.balance >= self:limit() then error('limit', 0) end
  self.balance = self.balance - v
end
function Special:limit() return self.max or 100 end
local s = Special:new{max = 50}
s:deposit(10)
s:withdraw(30)
print(s.balance, Account.balance, pcall(s.withdraw, s, 100))
local acc = Account:new()
acc:deposit(5)
print(acc.balance, select(2, pcall(acc.withdraw, acc, 10)):match('insufficient funds'))
local ro = setmetatable({}, {__newindex = function() error('read only', 2) end, __metatable = 'locked'})
print(pcall(function() ro.x = 1 end) == false, getmetatable(ro))
local env = setmetatable({}, {__index = _G})
print(env.print == print, type(env.math))
