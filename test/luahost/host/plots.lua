-- packages gnuplot, display and hdf5: files that others can read
-- args: $DIR
local dir = arg[1]
local gnuplot = require 'gnuplot'
local x = torch.linspace(0, 1, 10)
print(gnuplot.pngfigure(dir .. '/a.png'))
gnuplot.plot({'sin', x, torch.sin(x), '~'}, {'cos', x, torch.cos(x), '|'})
gnuplot.title('t'); gnuplot.xlabel('x'); gnuplot.axis{0, 1, 0, ''}; gnuplot.grid(true)
gnuplot.movelegend('left', 'top')
gnuplot.plotflush()
local image = require 'image'
print(#image.load(dir .. '/a.png', 3))
local h = gnuplot.hist(torch.Tensor{0, 0, 1, 2}, 2)
print(h.raw, h[1].val, h.max.nb)
gnuplot.imagesc(torch.rand(3, 3), 'color'); gnuplot.figprint(dir .. '/b.pdf')
gnuplot.splot(torch.rand(3, 3)); gnuplot.figprint(dir .. '/c.png')
print(paths.filep(dir .. '/b.pdf'), paths.filep(dir .. '/c.png'))
print((select(2, pcall(gnuplot.raw, 'set xtics 2')):match("gnuplot's commands")))
gnuplot.closeall()
local display = require 'display'
display.configure{folder = dir .. '/shown'}
local win = display.image(torch.rand(3, 4, 4), {title = 'a'})
print(win, display.image(torch.rand(2, 3, 4, 4), {win = win}) == win, #image.load(display.file(win)))
display.plot({{1, 2}, {2, 3}}, {labels = {'step', 'loss'}})
print(image.display{image = torch.rand(1, 4, 4), zoom = 2, win = 'w'}, image.load(dir .. '/shown/w.png'):size(2))
