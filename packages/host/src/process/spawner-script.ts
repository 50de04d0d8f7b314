/**
 * The helper of TaskSpawner, in Perl, because a fork of it costs a tenth of a fork of Node. It is told by frames (length,
 * then fields between NUL bytes): the first is the environment that tasks begin with, each other one a task, which it
 * starts in a session of its own. It tells on its stdout, a line each: `R` ready, `S id pid` started, `F id errno` could not
 * start, `E id code signal` ended. That a task has started is told when it has ended or has run for a while: who is told
 * must wake up. It ends with its stdin.
 *
 * All that can be done before the fork is: what the child does, it does with memory that it must copy first.
 */
export const spawnerScript = String.raw`
my ($setsid, $mknodat, $dup3, $dir, $pairs) = map { /^\d+$/ ? $_ + 0 : $_ } @ARGV;
open(my $control, '>&', \*STDOUT) or exit 1;
open(my $requests, '<&', \*STDIN) or exit 1;
open(my $nothing, '+<', '/dev/null') or exit 1;
syscall($dup3, fileno($nothing), $_, 0) for 0, 1;
$SIG{CHLD} = sub {};
my (%ids, %base, $isKnown, @changed, %unsaid, $buffer);
my ($turn, $turnsUnsaid, $secondsUnsaid) = (0, 8, 0.015);

sub told { syswrite($control, join('', @_)) }

# What changes from task to task is few of many.
sub environment {
  exists $base{$_} ? ($ENV{$_} = $base{$_}) : delete $ENV{$_} for @changed;
  @changed = ();
  for (@_) {
    my ($name, $value) = split(/=/, $_, 2);
    push @changed, $name;
    defined $value ? ($ENV{$name} = $value) : delete $ENV{$name};
  }
}

# As the shell does that is not started: it gives what it starts the directory's name, kept where it is one.
sub placed {
  my $known = $ENV{PWD} // '';
  my @here = stat('.');
  my @there = $known =~ m{^/} ? stat($known) : ();
  return if @there && $here[0] == $there[0] && $here[1] == $there[1];
  push @changed, 'PWD';
  $ENV{PWD} = readlink('/proc/self/cwd');
}

sub output {
  my ($path, $descriptor) = @_;
  sysopen(my $pipe, $path, 1 | 2048) or return 0;
  fcntl($pipe, 4, 0);
  return syscall($dup3, fileno($pipe), $descriptor, 0) >= 0;
}

sub note {
  my ($lock, $pid) = @_;
  sysopen(my $stat, "/proc/$pid/stat", 0) or return;
  sysread($stat, my $text, 4096);
  my $born = (split ' ', substr($text, rindex($text, ')') + 2), 21)[19];
  sysopen(my $file, $lock, 1 | 1024) or return;
  syswrite($file, qq({"pid":$pid,"born":"$born"}\n));
}

sub start {
  my ($id, $pair, $lock, $cwd, $shell, $line, $count, @rest) = split(/\0/, $_[0], -1);
  my @words = splice(@rest, 0, $count);
  environment(@rest);
  my $pid = -1;
  if (chdir($cwd) && output("$dir/$pair.1", 1) && output("$dir/$pair.2", 2)) {
    placed() if @words;
    $pid = fork() // -1;
    if ($pid == 0) {
      syscall($setsid);
      exec { $words[0] } @words if @words;
      exec { $shell } $shell, '-c', $line;
      told('F ', $id, ' ', $! + 0, "\n");
      exit 127;
    }
  }
  my $errno = $! + 0;
  syscall($dup3, fileno($nothing), $_, 0) for 1, 2;
  return told("F $id $errno\nE $id 127 0\n") if $pid < 0;
  $ids{$pid} = $id;
  $unsaid{$id} = [$turn, "S $id $pid\n"];
  note($lock, $pid) if $lock ne '';
}

sub started {
  my ($since) = @_;
  for my $id (grep { $unsaid{$_}[0] <= $since } keys %unsaid) {
    told($unsaid{$id}[1]);
    delete $unsaid{$id};
  }
}

mkdir($dir, 0700);
for my $pair (1 .. $pairs) {
  for my $stream (1, 2) {
    my $path = "$dir/$pair.$stream";
    -e $path && unlink($path);
    syscall($mknodat, -100, $path, 010600, 0) == 0 or exit 1;
  }
}
told("R\n");
while (1) {
  my $ready = '';
  vec($ready, fileno($requests), 1) = 1;
  # A child may end just before this begins to wait: then nothing but the time wakes it.
  my $count = select($ready, undef, undef, %unsaid ? $secondsUnsaid : %ids ? 0.05 : undef);
  $turn++;
  while ((my $pid = waitpid(-1, 1)) > 0) {
    my $id = delete $ids{$pid} // next;
    my $started = delete $unsaid{$id};
    told($started ? $started->[1] : '', "E $id ", $? >> 8, ' ', $? & 127, "\n");
  }
  started($count == 0 ? $turn : $turn - $turnsUnsaid) if %unsaid;
  next if $count <= 0;
  my $size = sysread($requests, $buffer, 65536, length($buffer // ''));
  last if defined $size && $size == 0;
  while (length($buffer) >= 4) {
    my $length = unpack('N', $buffer);
    last if length($buffer) < 4 + $length;
    my $frame = substr($buffer, 4, $length);
    substr($buffer, 0, 4 + $length) = '';
    if ($isKnown++) {
      start($frame);
    } else {
      %base = map { split(/=/, $_, 2) } split(/\0/, $frame);
      %ENV = %base;
    }
  }
}
unlink("$dir/$_.1", "$dir/$_.2") for 1 .. $pairs;
rmdir($dir);
`;
