import subprocess,sys,os
E='raisecash/evidence/'
M=[(E+'performance.py','np.minimum(x, 0) ** 2)','np.minimum(x, 0)[x < 0] ** 2)'),(E+'performance.py','TAIL = 0.05','TAIL = 0.051'),(E+'performance.py','r <= np.quantile','r < np.quantile'),
(E+'drawdowns.py','append=np.int8(0)','append=np.int8(1)'),(E+'drawdowns.py','kind="stable"','kind="quicksort"'),(E+'july.py','roll="backward"','roll="forward"'),(E+'july.py','first - 1 : after','first : after'),
(E+'july.py','if first == 0 or ','if '),(E+'returns.py','if not is_last[0] or','if'),(E+'account.py','/ 2 /','/'),(E+'relative.py','if not varies(x_b)','if not varies(x)'),(E+'relative.py','slope * x_b','x_b'),
(E+'periods.py','by_month > 0','by_month >= 0'),(E+'returns.py','365.25','365')]
for f,a,b in M:
    s=open(f).read(); assert a in s,(f,a)
    open(f,'w').write(s.replace(a,b))
    r=subprocess.run(['/work/main/.venv/bin/python','-m','pytest','-qx','tests/evidence','-p','no:cacheprovider','-m','not slow'],capture_output=True,text=True,env={**os.environ,'PYTHONPATH':'/tmp/w/mut'})
    print('killed' if r.returncode==1 else 'SURVIVED',r.returncode,a,'->',b, r.stdout.strip().splitlines()[-2][:110]); sys.stdout.flush()
    open(f,'w').write(s)
