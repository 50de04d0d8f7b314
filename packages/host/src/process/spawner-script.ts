/**
 * The helper of TaskSpawner, in Perl, because a fork of it costs a tenth of a fork of Node. It is told a task as one
 * frame (length, then fields between NUL bytes), starts it in a session of its own, and tells on its stdout, a line each:
 * `R` ready, `S id pid` started, `F id errno` could not start, `E id code signal` ended. It ends with its stdin.
 */
export const spawnerScript = String.raw`
my ($setsid, $mknodat, $dir, $pairs) = @ARGV;
open(my $control, '>&', \*STDOUT) or exit 1;
open(my $requests, '<&', \*STDIN) or exit 1;
open(STDIN, '<', '/dev/null') or exit 1;
open(STDOUT, '>', '/dev/null') or exit 1;
$SIG{CHLD} = sub {};
my (%ids, $buffer);

sub told { syswrite($control, join(' ', @_) . "\n") }
sub failed { told('F', $_[0], $! + 0); exit 127 }

sub output {
  sysopen(my $pipe, $_[0], 1 | 2048) or return 0;
  fcntl($pipe, 4, 0);
  return open($_[1], '>&', $pipe);
}

sub note {
  open(my $stat, '<', "/proc/$$/stat") or return;
  my $text = <$stat>;
  my $born = (split ' ', substr($text, rindex($text, ')') + 2))[19];
  sysopen(my $lock, $_[0], 1 | 1024) or return;
  syswrite($lock, qq({"pid":$$,"born":"$born"}\n));
}

sub start {
  my ($id, $pair, $lock, $cwd, $shell, $line, @env) = split(/\0/, $_[0], -1);
  my $pid = fork();
  if (!defined $pid) {
    told('F', $id, $! + 0);
    return told('E', $id, 127, 0);
  }
  if ($pid) {
    $ids{$pid} = $id;
    return told('S', $id, $pid);
  }
  syscall($setsid + 0);
  note($lock) if $lock ne '';
  chdir($cwd) or failed($id);
  output("$dir/$pair.1", *STDOUT) or failed($id);
  output("$dir/$pair.2", *STDERR) or failed($id);
  %ENV = map { split(/=/, $_, 2) } @env;
  exec { $shell } $shell, '-c', $line;
  failed($id);
}

mkdir($dir, 0700);
for my $pair (1 .. $pairs) {
  for my $stream (1, 2) {
    my $path = "$dir/$pair.$stream";
    unlink($path);
    syscall($mknodat + 0, -100, $path, 010600, 0) == 0 or exit 1;
  }
}
told('R');
while (1) {
  my $ready = '';
  vec($ready, fileno($requests), 1) = 1;
  # A child may end just before this begins to wait: then nothing but the time wakes it.
  my $count = select($ready, undef, undef, %ids ? 0.05 : undef);
  while ((my $pid = waitpid(-1, 1)) > 0) {
    told('E', delete $ids{$pid}, $? >> 8, $? & 127);
  }
  next if $count <= 0;
  my $size = sysread($requests, $buffer, 65536, length($buffer // ''));
  last if defined $size && $size == 0;
  while (length($buffer) >= 4) {
    my $length = unpack('N', $buffer);
    last if length($buffer) < 4 + $length;
    start(substr($buffer, 4, $length));
    substr($buffer, 0, 4 + $length) = '';
  }
}
unlink("$dir/$_.1", "$dir/$_.2") for 1 .. $pairs;
rmdir($dir);
`;
