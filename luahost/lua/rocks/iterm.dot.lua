-- iterm.dot: see iterm
return require 'iterm'.dot
